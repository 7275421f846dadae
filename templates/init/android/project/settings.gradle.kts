rootProject.name = "Demo"
include(":app")
