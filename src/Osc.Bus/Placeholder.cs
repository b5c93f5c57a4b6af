namespace Osc.Bus;
