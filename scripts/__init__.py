"""The steps that turn what a CoCalc server publishes into the generated client."""
