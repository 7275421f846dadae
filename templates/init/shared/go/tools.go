package vapi

import "fmt"

// tools are what assistants may call, by name. What a tool gives back is told to the assistant.
var tools = map[string]func(arguments map[string]any) (string, error){
	// An example, to be replaced by your own.
	"bookAppointment": func(arguments map[string]any) (string, error) {
		return fmt.Sprintf("Booked for %v at %v.", arguments["day"], arguments["time"]), nil
	},
}

// chooseAssistant says who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this.
func chooseAssistant(assistantID string) object {
	if assistantID != "" {
		return object{"assistantId": assistantID}
	}
	return object{"assistant": object{
		"name":         "Reception",
		"firstMessage": "Hello, how can I help you?",
		"model": object{
			"provider": "openai",
			"model":    "gpt-4o-mini",
			"messages": []object{{"role": "system", "content": "You book appointments. Be brief."}},
		},
		"voice": object{"provider": "vapi", "voiceId": "Elliot"},
	}}
}
