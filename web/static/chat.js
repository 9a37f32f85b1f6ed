console.log("chat")
