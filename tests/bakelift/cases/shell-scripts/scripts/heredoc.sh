#!/bin/sh
cat <<BAKELIFT
an end of our own
BAKELIFT
