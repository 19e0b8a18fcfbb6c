size = "Standard_D2s_v5"
unused_elsewhere = "x"
