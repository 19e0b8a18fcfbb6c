"""What Azure has to have before a template is built: found out from the template, and asked of Azure where it can be.

``facts`` says what a build is made of, whichever format said so; each module of rules looks at one subject and gives
findings; ``live`` asks. Nothing here changes anything in Azure.
"""
