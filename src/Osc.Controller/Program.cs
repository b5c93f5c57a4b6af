return await Osc.Controller.Hosting.ControllerProgram.Controller.RunAsync(args);
