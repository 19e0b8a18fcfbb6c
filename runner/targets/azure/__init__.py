"""The target ``azure``: an image is built in a VM of its own in Azure, as Packer's azure-arm builder does."""
