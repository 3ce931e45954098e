{% include cookiecutter.task ~ "/test_trainer.py" %}
