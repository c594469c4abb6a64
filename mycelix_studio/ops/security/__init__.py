"""What a checkout, its packages and a running node look like to somebody who wants to harm them."""
