# Prints the targets of the Makefile with the words behind their `##`, below the headings behind `##@`.
BEGIN { FS = ":.*## " }
/^##@ / { printf "\n%s\n", substr($0, 5); next }
/^[a-z0-9.-]+:.*## / { printf "  %-17s %s\n", $1, $2 }
END { print "" }
