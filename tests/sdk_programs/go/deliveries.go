package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2"
)

type delivery struct {
	Headers map[string]string
	Body    string
}

// readDeliveries parses every delivery of a file.
func readDeliveries(file string) any {
	text, err := os.ReadFile(file)
	check(err)
	var deliveries []delivery
	check(json.Unmarshal(text, &deliveries))
	seen := []any{}
	for _, each := range deliveries {
		body, err := base64.StdEncoding.DecodeString(each.Body)
		check(err)
		received, err := http.NewRequest("POST", "http://127.0.0.1/", bytes.NewReader(body))
		check(err)
		for name, value := range each.Headers {
			received.Header.Set(name, value)
		}
		event, err := cloudevents.NewEventFromHTTPRequest(received)
		check(err)
		check(event.Validate())
		seen = append(seen, map[string]any{
			"id": event.ID(), "source": event.Source(), "type": event.Type(), "subject": event.Subject(),
			"dataschema": event.DataSchema(), "own": event.Extensions(), "data": string(event.Data()),
		})
	}
	return seen
}
