"""What a client needs."""  # noqa: N999 - PyInstaller's name for it

from cocalc_facade._pyinstaller import imports

hiddenimports = imports()
