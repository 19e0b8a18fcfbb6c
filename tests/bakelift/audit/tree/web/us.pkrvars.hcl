location = "westus"
