// Submits an order and follows it by server-sent events, with the standard library alone: `go run .` in this folder.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

type problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type order struct {
	OrderID string `json:"orderId"`
	Links   struct {
		Events string `json:"events"`
	} `json:"links"`
}

type message struct {
	Type     string `json:"type"`
	Seq      int    `json:"seq"`
	Progress int    `json:"progress"`
	Message  string `json:"message"`
}

func main() {
	url := os.Getenv("FILLSTREAM_URL")
	if url == "" {
		url = "http://127.0.0.1:3000"
	}
	submitted := submit(url)
	lastSeq := 0
	for !watch(url+submitted.Links.Events, &lastSeq) {
		time.Sleep(time.Second)
	}
}

func submit(url string) order {
	body := strings.NewReader(`{"sellToken":"WETH","buyToken":"USDC","sellAmount":"1000000000000000000"}`)
	answer, err := send("POST", url+"/api/orders/execute", body, "Content-Type", "application/json")
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		var refused problem
		_ = json.NewDecoder(answer.Body).Decode(&refused)
		log.Fatalf("%s: %s", refused.Code, refused.Detail)
	}
	var accepted order
	if err := json.NewDecoder(answer.Body).Decode(&accepted); err != nil {
		log.Fatal(err)
	}
	return accepted
}

// send makes a request with this header, and with the API key where the server has keys.
func send(method, url string, body io.Reader, header, value string) (*http.Response, error) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set(header, value)
	if key := os.Getenv("FILLSTREAM_API_KEY"); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	return http.DefaultClient.Do(request)
}

// watch follows the order from lastSeq, and reports whether it has ended. After false the caller comes back.
func watch(events string, lastSeq *int) bool {
	answer, err := send("GET", events, nil, "Last-Event-ID", strconv.Itoa(*lastSeq))
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, found := strings.CutPrefix(lines.Text(), "data: ")
		if !found {
			continue
		}
		var told message
		if err := json.Unmarshal([]byte(data), &told); err != nil {
			log.Fatal(err)
		}
		if told.Seq > 0 {
			*lastSeq = told.Seq
		}
		fmt.Println(told.Type, told.Progress, told.Message)
		switch told.Type {
		case "confirmed", "failed", "cancelled":
			return true
		}
	}
	return false
}
