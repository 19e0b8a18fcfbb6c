resource "azurerm_resource_group" "images" {
  name     = "images"
  location = "westeurope"
}
