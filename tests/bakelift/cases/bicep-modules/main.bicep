param location string

module gallery 'gallery.bicep' = {
  name: 'gallery'
}

module image './image.bicep' = {
  name: 'image'
  params: {
    location: location
  }
}
