return await Osc.Controller.Hosting.ControllerProgram.RunAsync(args);
