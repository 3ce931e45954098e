{% include cookiecutter.task ~ "/pictures.py" %}
