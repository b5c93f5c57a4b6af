namespace Osc.Lab;
