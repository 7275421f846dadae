module example.com/demo

go 1.19

require github.com/labstack/echo/v4 v4.2.1
