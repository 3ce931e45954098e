{% include cookiecutter.task ~ "/building.py" %}
