using Osc.Controller.Hosting;
using Osc.Standalone;

var program = new ControllerProgram("osc-standalone", "a controller and the agents of its configuration in one process, without a broker.", LocalAgents.Build);
return await program.RunAsync(args);
