defmodule DemoWeb.Router do
  use DemoWeb, :router

  pipeline :browser do
    plug :accepts, ["html"]
    plug :protect_from_forgery
  end

  scope "/", DemoWeb do
    pipe_through :browser

    get "/", PageController, :home
  end
end
