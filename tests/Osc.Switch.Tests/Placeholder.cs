namespace Osc.Switch.Tests;
