{% include cookiecutter.task ~ "/results.py" %}
