// Generator is a crowd of people in one call, in one process: it joins them by the agent socket and
// the media gate, or at an engine alone, lets some of them talk, and counts what all of them hear.
//
// It reads commands as lines of JSON and answers each with one line; commands.go lists them.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	var set settings
	flag.StringVar(&set.server, "server", "", "the server, wss://HOST:PORT; empty: an engine alone")
	flag.StringVar(&set.engine, "engine", "", "the engine alone, ws://HOST:PORT")
	authority := flag.String("ca", "", "a file with the certificate authority of the server")
	flag.BoolVar(&set.decrypts, "decrypt", false, "decrypt and check all that is heard; otherwise the kernel counts it")
	flag.Parse()
	if err := run(set, *authority); err != nil {
		fmt.Fprintln(os.Stderr, "generator:", err)
		os.Exit(1)
	}
}

func run(set settings, authority string) error {
	if (set.server == "") == (set.engine == "") {
		return fmt.Errorf("either -server or -engine")
	}
	var err error
	if set.tls, err = trusting(authority); err != nil {
		return err
	}
	people, err := newCrowd(set)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var asked command
		if err := json.Unmarshal(line, &asked); err != nil {
			return err
		}
		answer, err := people.do(asked)
		if err != nil {
			return err
		}
		told, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(append(told, '\n')); err != nil {
			return err
		}
	}
}

// trusting is how the server's certificate is judged.
func trusting(authority string) (*tls.Config, error) {
	if authority == "" {
		return nil, nil
	}
	file, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(file) {
		return nil, fmt.Errorf("no certificate in %s", authority)
	}
	return &tls.Config{RootCAs: pool}, nil
}
