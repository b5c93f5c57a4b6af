namespace Osc.Integration;
