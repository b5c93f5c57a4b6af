namespace Osc.Controller.Tests;
