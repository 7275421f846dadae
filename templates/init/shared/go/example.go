// Creates an assistant and has it call a telephone number. It needs in the environment:
//
//	VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
//	VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
//	VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	api "github.com/VapiAI/server-sdk-go/v2"
	"github.com/VapiAI/server-sdk-go/v2/client"
	"github.com/VapiAI/server-sdk-go/v2/option"
)

const reception = `{
	"name": "Reception",
	"firstMessage": "Hello, this is a call from your own program.",
	"model": {
		"provider": "openai",
		"model": "gpt-4o-mini",
		"messages": [{ "role": "system", "content": "You book appointments. Be brief." }]
	},
	"voice": { "provider": "vapi", "voiceId": "Elliot" }
}`

func main() {
	ctx := context.Background()
	vapi := client.NewClient(option.WithToken(needed("VAPI_API_KEY")))

	var request api.CreateAssistantDto
	if err := json.Unmarshal([]byte(reception), &request); err != nil {
		log.Fatal(err)
	}
	assistant, err := vapi.Assistants.Create(ctx, &request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Assistant", assistant.Id)

	from, to := needed("VAPI_PHONE_NUMBER_ID"), needed("VAPI_CUSTOMER_NUMBER")
	call, err := vapi.Calls.Create(ctx, &api.CreateCallDto{
		AssistantId:   &assistant.Id,
		PhoneNumberId: &from,
		Customer:      &api.CreateCustomerDto{Number: &to},
	})
	if err != nil {
		log.Fatal(err)
	}
	made, err := json.MarshalIndent(call, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(made))
}

func needed(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("Set %s in the environment.", name)
	}
	return value
}
