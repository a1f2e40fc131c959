// Command probe has a call with itself, as often as it is told to, and says how that went.
//
// Each line on standard input is one order in JSON. For each, two participants come through the gate
// with the tickets of the order; one sends sound of which nobody else could know, the other hears it
// from the engine; both leave. One line of JSON on standard output says what came of it. It keeps
// nothing between two orders, and ends with its standard input, whatever it is doing.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

const longestOrder = 64 * 1024

// order is what it is told to do.
type order struct {
	// The gate's URL, "ws://…", without "/rtc/v1".
	Gate string `json:"gate"`
	// Of who speaks, and of who listens.
	Speaker  string `json:"speaker"`
	Listener string `json:"listener"`
	// How long all of it may take.
	Seconds float64 `json:"seconds"`
	// The IP address of the engine's media as browsers know it, and as this machine reaches it.
	Told    string `json:"told"`
	Reached string `json:"reached"`
	// The way of who listens, where there is a relay.
	Relay *relay `json:"relay"`
}

type relay struct {
	URL        string `json:"url"`
	User       string `json:"user"`
	Credential string `json:"credential"`
}

// outcome is what came of an order. Without a fault, all went well.
type outcome struct {
	// The part that is to blame: "signalling", "media" or "relay".
	Fault string `json:"fault,omitempty"`
	Why   string `json:"why,omitempty"`
	// Seconds from the beginning until both were let in, until who speaks was connected to the engine's
	// media, and until who listens heard him.
	Admitted  float64 `json:"admitted,omitempty"`
	Connected float64 `json:"connected,omitempty"`
	Heard     float64 `json:"heard,omitempty"`
}

func main() {
	orders := make(chan order)
	go func() {
		for given := range orders {
			line, _ := json.Marshal(carryOut(given))
			fmt.Println(string(line))
		}
	}()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestOrder)
	for lines.Scan() {
		given := order{}
		if err := json.Unmarshal(lines.Bytes(), &given); err != nil {
			os.Exit(2)
		}
		orders <- given
	}
}

func carryOut(given order) outcome {
	within := time.Duration(given.Seconds * float64(time.Second))
	made, err := newCall(given, within)
	if err != nil {
		return outcome{Fault: "media", Why: err.Error()}
	}
	defer made.leave()
	return made.run()
}
