# Tools of the agents.
Install-Module Pester -Force
