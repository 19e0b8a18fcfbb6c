#!/bin/bash
set -eux
apt-get install -y nginx
