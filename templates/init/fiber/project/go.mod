module example.com/demo

go 1.19

require github.com/gofiber/fiber/v2 v2.52.5
