#!/bin/sh
set -eu
install -d /opt/web
cp /tmp/index.html /opt/web
