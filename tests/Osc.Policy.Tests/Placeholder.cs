namespace Osc.Policy.Tests;
