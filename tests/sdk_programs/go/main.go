// Command sdks uses the SDKs of EventGrid and of CloudEvents as their users do, and prints what it
// saw in JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	var seen any
	switch os.Args[1] {
	case "eventgrid":
		seen = useEventgrid(os.Args[2], os.Args[3])
	case "cloudevents":
		seen = readDeliveries(os.Args[2])
	}
	text, err := json.Marshal(seen)
	check(err)
	fmt.Println(string(text))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
