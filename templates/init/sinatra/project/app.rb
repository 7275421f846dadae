# frozen_string_literal: true

require "sinatra"

get "/" do
  "A project of its own."
end
