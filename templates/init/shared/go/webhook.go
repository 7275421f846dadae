// Package vapi answers what Vapi sends to this server.
package vapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

// Reports of whole calls are large.
const maxBodyBytes = 10 << 20

type message struct {
	Type         string     `json:"type"`
	ToolCallList []toolCall `json:"toolCallList"`
	EndedReason  string     `json:"endedReason"`
}

type toolCall struct {
	ID       string `json:"id"`
	Function struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"function"`
}

type toolResult struct {
	ToolCallID string `json:"toolCallId"`
	Result     string `json:"result,omitempty"`
	Error      string `json:"error,omitempty"`
}

type object map[string]any

// Webhook answers server messages. All of them: https://docs.vapi.ai/server-url/events
func Webhook() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		status, reply := answer(r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(reply); err != nil {
			log.Printf("Vapi webhook: %v", err)
		}
	})
}

func answer(r *http.Request) (int, any) {
	expected := os.Getenv("VAPI_WEBHOOK_SECRET")
	if expected == "" {
		log.Print("Vapi webhook: VAPI_WEBHOOK_SECRET is not set, so nothing is answered")
		return http.StatusInternalServerError, object{"error": "The secret of this webhook is not set."}
	}
	if !isSame(r.Header.Get("X-Vapi-Secret"), expected) {
		return http.StatusUnauthorized, object{"error": "The secret is wrong."}
	}
	var body struct {
		Message message `json:"message"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Message.Type == "" {
		return http.StatusBadRequest, object{"error": "This is no message of Vapi."}
	}

	switch message := body.Message; message.Type {
	case "tool-calls":
		results := make([]toolResult, len(message.ToolCallList))
		for i, call := range message.ToolCallList {
			results[i] = runTool(call)
		}
		return http.StatusOK, object{"results": results}
	case "assistant-request":
		return http.StatusOK, chooseAssistant(os.Getenv("VAPI_ASSISTANT_ID"))
	case "transfer-destination-request", "handoff-destination-request":
		return http.StatusOK, object{"error": "There is nobody to hand the call over to."}
	case "knowledge-base-request":
		return http.StatusOK, object{"documents": []any{}}
	case "end-of-call-report":
		log.Printf("Vapi call ended: %s", message.EndedReason)
	}
	// status-update, transcript, speech-update … need no answer.
	return http.StatusOK, object{}
}

// runTool is always a reply: without one the assistant would wait.
func runTool(call toolCall) (reply toolResult) {
	reply.ToolCallID = call.ID
	defer func() {
		if problem := recover(); problem != nil {
			reply.Error = oneLine(fmt.Sprint(problem))
		}
	}()
	tool, isKnown := tools[call.Function.Name]
	if !isKnown {
		reply.Error = fmt.Sprintf("There is no tool %s.", call.Function.Name)
		return reply
	}
	arguments, err := argumentsOf(call.Function.Arguments)
	if err == nil {
		reply.Result, err = tool(arguments)
	}
	if err != nil {
		reply.Error = oneLine(err.Error())
	}
	return reply
}

// argumentsOf reads what is an object, or the JSON of one in a string.
func argumentsOf(raw json.RawMessage) (map[string]any, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	arguments := map[string]any{}
	if len(raw) == 0 {
		return arguments, nil
	}
	err := json.Unmarshal(raw, &arguments)
	return arguments, err
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

// isSame takes a time that tells nothing about the secret, not even its length.
func isSame(given, expected string) bool {
	one, other := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(expected))
	return subtle.ConstantTimeCompare(one[:], other[:]) == 1
}
