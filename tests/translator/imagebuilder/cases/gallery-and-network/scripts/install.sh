#!/bin/sh
set -eu
dnf install -y httpd
[ -x /usr/sbin/httpd ]
