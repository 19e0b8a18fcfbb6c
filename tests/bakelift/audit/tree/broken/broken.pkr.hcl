source "azure-arm" "a" {
  image_publisher = "canonical
}
