"""What the stand-in needs, where an application has it."""  # noqa: N999 - PyInstaller's name for it

from cocalc_facade._pyinstaller import TESTING, data, modules

hiddenimports = modules(TESTING)
datas = data(TESTING)
