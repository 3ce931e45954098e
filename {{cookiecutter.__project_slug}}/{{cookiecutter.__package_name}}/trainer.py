{% include cookiecutter.task ~ "/trainer.py" %}
