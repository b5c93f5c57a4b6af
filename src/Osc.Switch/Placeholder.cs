namespace Osc.Switch;
