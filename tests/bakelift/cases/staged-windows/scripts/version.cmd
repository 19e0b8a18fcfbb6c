@ver
