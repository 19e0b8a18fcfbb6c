winrm quickconfig -q
