using Osc.Controller.Hosting;
using Osc.Standalone;

var program = new ControllerProgram("osc-standalone", "a controller and the agents of its configuration in one process, without a broker. These agents do not ask Xen's store whose a port is; osc-agent does.", LocalAgents.Build);
return await program.RunAsync(args);
