@echo off
echo %TIER%
exit /b 0
