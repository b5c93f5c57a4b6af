namespace Osc.Model.Tests;
