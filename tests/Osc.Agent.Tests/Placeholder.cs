namespace Osc.Agent.Tests;
