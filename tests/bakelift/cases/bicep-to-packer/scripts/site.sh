#!/bin/sh
set -eu
sudo install -d /opt/web
echo "it is done"
