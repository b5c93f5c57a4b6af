using Osc.Fuzz;

return args is ["--campaign", .. var rest] ? Fuzzing.Campaign(rest) : Fuzzing.Supervise(args);
