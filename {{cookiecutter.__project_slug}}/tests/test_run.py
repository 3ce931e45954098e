{% include cookiecutter.task ~ "/test_run.py" %}
