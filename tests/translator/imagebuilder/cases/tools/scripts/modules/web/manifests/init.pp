class web {
}
